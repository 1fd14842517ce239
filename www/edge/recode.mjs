/* Addresses in old charsets into UTF-8, by the browser's own decoder, so that
   the module carries no table of letters. Never guesses: what does not decode
   stays as it was written. `trainer/src/recode.rs` does the same natively. */

/* The address with the values of its query in UTF-8, and `ie=utf-8` in front,
   which says so ever after. */
export const recode = (address, charset) => {
  const decoder = new TextDecoder(charset, { fatal: true, ignoreBOM: true });
  const value = (text) => {
    const bytes = text
      .replace(/\+/g, " ")
      .replace(/%([0-9a-f]{2})/gi, (_, hex) => String.fromCharCode(parseInt(hex, 16)));
    try {
      const found = decoder.decode(Uint8Array.from(bytes, (sign) => sign.charCodeAt(0)));
      return /[^\0-\x7f]/.test(text) || /[\0-\x1f\x7f-\x9f]/.test(found) ? text : encodeURIComponent(found);
    } catch {
      return text;
    }
  };
  const [, head, query] = /^([^?#]*\?)([^#]*)/.exec(address) || [, address + "?", ""];
  const pairs = query.split("&").map((pair) => pair.replace(/=(.*%.*)/s, (_, text) => "=" + value(text)));
  return head + "ie=utf-8&" + pairs.join("&");
};
