/* Keeps a preview while its marketer walks through the shop: whatever leads to
   another page of it takes the token along. Never touches what leads elsewhere,
   and never reads what a query says: it may be in any charset. */

export const PARAMETER = "vitrine-preview";

/* An address with a preview's token, or without one. */
export const addressWith = (address, token) => {
  const url = new URL(address, location.href);
  const others = url.search.slice(1).split("&").filter((part) => part && !part.startsWith(PARAMETER + "="));
  if (token) others.push(PARAMETER + "=" + token);
  url.search = others.join("&");
  return url.href;
};

/* The token of a preview in an address of ours, or none. */
export const tokenOf = (address) => (isOurs(address) ? new URL(address, location.href).searchParams.get(PARAMETER) : null);

const isOurs = (address) => {
  try {
    return new URL(address, location.href).origin === location.origin;
  } catch {
    return false;
  }
};

/* Gives what ends it. */
export const keepToken = (token) => {
  const ending = new AbortController();
  const on = (target, name, hear) => target.addEventListener(name, hear, { capture: true, signal: ending.signal });
  const lacks = (address) => isOurs(address) && !address.includes(`${PARAMETER}=${token}`);

  /* A link, however it is followed: clicked, opened in a new tab, copied. */
  const keepLink = (event) => {
    const link = event.composedPath().find((part) => part.localName === "a" && typeof part.href === "string");
    if (link?.href && !link.hasAttribute("download") && lacks(link.href)) link.href = addressWith(link.href, token);
  };
  for (const name of ["click", "auxclick", "contextmenu"]) on(window, name, keepLink);

  /* A search form puts its fields in the place of the address's own; any other
     keeps its address. */
  on(window, "formdata", ({ target, formData }) => {
    if (target.method === "get" && isOurs(target.getAttribute("action") ?? "")) formData.set(PARAMETER, token);
  });
  on(window, "submit", ({ target }) => {
    const action = target.getAttribute("action") || location.href;
    if (target.method === "post" && lacks(action)) target.setAttribute("action", addressWith(action, token));
  });

  /* A script that goes somewhere, where the browser tells of it. */
  if (window.navigation) {
    on(navigation, "navigate", (event) => {
      const { destination: { url, sameDocument }, navigationType: way, formData, downloadRequest } = event;
      const isStep = event.cancelable && (way === "push" || way === "replace");
      if (!isStep || sameDocument || formData || downloadRequest !== null || !lacks(url)) return;
      event.preventDefault();
      location[way === "push" ? "assign" : "replace"](addressWith(url, token));
    });
  }
  return () => ending.abort();
};
