/* Bytes into a stream of bytes. Never parses HTML, never holds back more than
   it must to find one place, and never copies what comes after it. */

/* A page whose marker stands deeper is passed on as it is. */
const HEAD_LIMIT = 64 * 1024;
/* The head waits this long, in milliseconds, for the marker to come: an origin
   that stalls must not make the shopper wait for a banner. */
const PATIENCE = 150;

/**
 * Reads a body up to `marker` (bytes). Gives `{ head, at, rest }`: the bytes
 * read so far, the place right behind the marker in them or -1, and what
 * `join` needs to go on.
 */
export async function readTo(marker, body) {
  const reader = body.getReader();
  let head = new Uint8Array(0);
  let timer;
  const late = new Promise((give) => (timer = setTimeout(give, PATIENCE)));
  try {
    for (;;) {
      const pending = reader.read();
      const got = await Promise.race([pending, late]);
      if (!got) return { head, at: -1, rest: { reader, body, pending } };
      if (got.done) return { head, at: -1, rest: undefined };
      const from = Math.max(0, head.length - marker.length + 1);
      head = concat(head, got.value);
      const found = indexOf(head.subarray(0, HEAD_LIMIT), marker, from);
      if (found >= 0) return { head, at: found + marker.length, rest: { reader, body } };
      if (head.length >= HEAD_LIMIT) return { head, at: -1, rest: { reader, body } };
    }
  } finally {
    clearTimeout(timer);
  }
}

/** The body again: these pieces first, then the rest through the host's own pipe. */
export function join(pieces, rest) {
  const { readable, writable } = new TransformStream();
  pour(pieces, rest, writable).catch(() => {}); // Either end has gone; the other was told.
  return readable;
}

async function pour(pieces, rest, writable) {
  const writer = writable.getWriter();
  try {
    for (const piece of pieces) if (piece.length) await writer.write(piece);
    if (!rest) return await writer.close();
    if (rest.pending) {
      const { done, value } = await rest.pending;
      if (done) return await writer.close();
      await writer.write(value);
    }
  } catch (error) {
    rest?.reader.cancel(error).catch(() => {});
    writer.abort(error).catch(() => {});
    throw error;
  }
  rest.reader.releaseLock();
  writer.releaseLock();
  await rest.body.pipeTo(writable);
}

function concat(first, second) {
  if (!first.length) return second;
  const both = new Uint8Array(first.length + second.length);
  both.set(first);
  both.set(second, first.length);
  return both;
}

function indexOf(bytes, wanted, from) {
  for (let at = bytes.indexOf(wanted[0], from); at >= 0; at = bytes.indexOf(wanted[0], at + 1)) {
    if (at + wanted.length > bytes.length) return -1;
    let same = 1;
    while (same < wanted.length && bytes[at + same] === wanted[same]) same += 1;
    if (same === wanted.length) return at;
  }
  return -1;
}
