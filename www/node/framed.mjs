/* A model and its shards as the module reads them, in Node as in the page's shelf,
   which is bundled with this. Never looks into a file. */

/** Files' bytes in one, each behind its length in four little-endian bytes. */
export const framed = (files) => {
  const all = new Uint8Array(files.reduce((sum, { length }) => sum + 4 + length, 0));
  const view = new DataView(all.buffer);
  let at = 0;
  for (const file of files) {
    view.setUint32(at, file.length, true);
    all.set(file, at + 4);
    at += 4 + file.length;
  }
  return all;
};
