/* Asks the studio what a draft holds, why each campaign is shown or not, and how
   a message looks. Never decides: it hands over what the page hands over. */

/* `call` is the page's own; its `explain` gives the bytes of what was fetched and
   of the visitor, and takes JSON back. */
export const openStudio = (home, call) => {
  const ask = async (question) => {
    const { Preview } = await import(new URL("vitrine_studio.js", home));
    const answer = (plan, odds, model, visitor) => {
      const opened = new Preview(plan, odds, model);
      try {
        return question(opened, visitor);
      } finally {
        opened.free();
      }
    };
    return call("explain", answer, Date.now());
  };
  return {
    /* `[messages, reasons]`, or less while there is no plan yet. */
    look: () => ask((opened, visitor) => `[${opened.messages()},${opened.explain(visitor)}]`),
    /* One message, and where it belongs. */
    show: (campaign, message) => ask((opened, visitor) => opened.show(visitor, campaign, message)),
  };
};
