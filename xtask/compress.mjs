// Writes `FILE.br` and `FILE.gz` beside each file named on the command line.
// It never changes a file, and gives the same bytes for the same input: servers
// send these as they are, and the size budget is counted on them.
import { execFile } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { promisify } from "node:util";
import { brotliCompress, constants } from "node:zlib";

const brotli = promisify(brotliCompress);
const run = promisify(execFile);

async function compress(file) {
  const bytes = await readFile(file);
  const { BROTLI_MODE_GENERIC, BROTLI_MODE_TEXT } = constants;
  const params = {
    [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY,
    [constants.BROTLI_PARAM_LGWIN]: constants.BROTLI_MAX_WINDOW_BITS,
    [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
    [constants.BROTLI_PARAM_MODE]: file.endsWith(".wasm") ? BROTLI_MODE_GENERIC : BROTLI_MODE_TEXT,
  };
  await writeFile(`${file}.br`, await brotli(bytes, { params }));
  // Node's own zlib is tuned for speed and misses short matches: on wasm it
  // is a fifth larger than the `gzip` that every Debian has.
  await run("gzip", ["-9", "--no-name", "--keep", "--force", file]);
}

await Promise.all(process.argv.slice(2).map(compress));
