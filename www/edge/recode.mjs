/* Addresses in old charsets into UTF-8, by the host's own decoder, so that no
   table of letters is shipped. Never guesses: what does not decode stays as it
   was written. `trainer/src/recode.rs` does the same natively; the vectors in
   `tests/vectors/recode.json` hold both to it. */

/* What engines wrote before UTF-8, and what a few of them still write. */
const USUAL = {
  "euc-kr": "naver.com daum.net nate.com zum.com",
  gbk: "baidu.com sogou.com so.com",
  "euc-jp": "yahoo.co.jp goo.ne.jp biglobe.ne.jp",
  shift_jis: "excite.co.jp nifty.com",
};

/* The charsets that are read: decoders know more, but not all of them alike. */
const OLD = /^(euc-kr|gbk|gb18030|shift_jis|euc-jp|iso-2022-jp|big5|windows-1251)$/;

/* The value of a pair in a charset, or nothing: no decoder has control signs
   where it has the letter. */
const decode = (pair, charset) => {
  const text = pair.replace(/^[^=]*=?/, "").replace(/\+/g, " ");
  if (/[^\0-\x7f]/.test(text)) return undefined;
  const bytes = text.replace(/%([0-9a-f]{2})/gi, (_, hex) => String.fromCharCode(parseInt(hex, 16)));
  try {
    const decoder = new TextDecoder(charset, { fatal: true, ignoreBOM: true });
    const found = decoder.decode(Uint8Array.from(bytes, (sign) => sign.charCodeAt(0)));
    return /[\0-\x1f\x7f-\x9f]/.test(found) ? undefined : found;
  } catch {
    return undefined;
  }
};

const usual = (address, query) => {
  const host = "." + new URL(address).hostname;
  const isOf = (charset) => USUAL[charset].split(" ").some((site) => host.endsWith("." + site));
  return Object.keys(USUAL).find(isOf) || (/(^|&)(n_|dm)/i.test(query) && "euc-kr");
};

/* The address with its words in UTF-8. It says itself how they are written;
   else words that are not UTF-8 are in the charset that is usual where it comes
   from. `ie=utf-8` in front of the query says ever after that it is done. */
export const recode = (address) => {
  try {
    const [, head, query] = /^([^?#]*\?)([^#]*)/.exec(address) || [, , ""];
    const pairs = query.split("&");
    const escaped = pairs.filter((pair) => pair.includes("%"));
    const declared = /(?:^|&)(?:ie|enc|charset)=([^&]+)/i.exec(query)?.[1].toLowerCase();
    if (!escaped.length || declared?.startsWith("utf")) return address;
    if (!declared && escaped.every((pair) => decode(pair, "utf-8") !== undefined)) return address;
    const charset = new TextDecoder(declared === "euckr" ? "euc-kr" : declared || usual(address, query)).encoding;
    if (!OLD.test(charset)) return address;
    const recoded = pairs.map((pair) => {
      const found = pair.includes("%") ? decode(pair, charset) : undefined;
      return found === undefined ? pair : pair.replace(/=.*/s, () => "=" + encodeURIComponent(found));
    });
    return head + "ie=utf-8&" + recoded.join("&");
  } catch {
    return address;
  }
};
