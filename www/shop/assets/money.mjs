/** Money as people read it; the server and the browser share this file. Never does arithmetic. */

/** `won`: whole won. */
export const formatPrice = (lang, won) => {
  const digits = String(won).replace(/\B(?=(\d{3})+$)/g, ",");
  return lang === "ko" ? `${digits}원` : `₩${digits}`;
};
