/** Files that are dropped on the page or chosen. Never opens what is not text, nor more than a rule file may be. */

import { mostBytes } from "./check.mjs";
import { find, show } from "./dom.mjs";
import { words } from "./language.mjs";

/** Characters of a file's name in a sentence. */
const longestName = 80;

/** Gives every good file to `open(name, text)` and the reason of every other to `refuse(sentence)`. */
export function startFiles({ ready, open, refuse }) {
  const input = find("file");
  find("open-file").addEventListener("click", () => input.click());
  input.addEventListener("change", () => {
    const [file] = input.files;
    if (file) take(file);
    /* So that the same file can be chosen again after it was mended elsewhere. */
    input.value = "";
  });

  /* Entering a child counts once more than leaving its parent, so the overlay knows when the file has left the page. */
  let depth = 0;
  const holdsFile = (event) => event.dataTransfer?.types.includes("Files") ?? false;
  const rest = () => { depth = 0; show(find("drop"), false); };
  addEventListener("dragenter", (event) => {
    if (!holdsFile(event)) return;
    depth += 1;
    show(find("drop"), ready());
  });
  addEventListener("dragleave", (event) => { if (holdsFile(event) && (depth -= 1) <= 0) rest(); });
  addEventListener("dragover", (event) => { if (holdsFile(event)) event.preventDefault(); });
  addEventListener("drop", (event) => {
    if (!holdsFile(event)) return;
    /* Also where the page is not ready: the browser would leave the page to show the file. */
    event.preventDefault();
    rest();
    if (!ready()) return;
    const { files } = event.dataTransfer;
    if (files.length === 1) take(files[0]);
    else refuse(words(files.length === 0 ? "noFile" : "oneFile"));
  });

  async function take(file) {
    const name = file.name.length > longestName ? `${file.name.slice(0, longestName)}…` : file.name;
    if (file.size > mostBytes) return refuse(words("fileTooLarge", name));
    const bytes = await file.arrayBuffer().catch(() => undefined);
    if (bytes === undefined) return refuse(words("fileUnreadable", name));
    const text = decode(bytes);
    return text === undefined ? refuse(words("fileNotText", name)) : open(name, text);
  }
}

/** The text of UTF-8 bytes; undefined for anything else, and for bytes that no text file has. */
function decode(bytes) {
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    return text.includes("\0") ? undefined : text;
  } catch { return undefined; }
}
