// What a visitor's hands do, as both protocols spell it: W3C's input actions.
// Never touches the page by script: keys are pressed and a mouse is moved.

const KEYS = { Tab: "\uE004", Enter: "\uE007", Shift: "\uE008", Control: "\uE009", Escape: "\uE00C", End: "\uE010" };
const POINTER = "mouse";

/** Keys pressed one after the other; `"Shift+Tab"` holds the first meanwhile. */
export const pressing = (...keys) => [{
  type: "key", id: "keyboard",
  actions: keys.flatMap((key) => {
    const held = key.split("+").map((name) => KEYS[name] ?? name);
    return [...held.map((value) => ({ type: "keyDown", value })), ...held.reverse().map((value) => ({ type: "keyUp", value }))];
  }),
}];

/** A press of the mouse's left button at a place of the window, in px. */
export const clicking = (x, y) => [{
  type: "pointer", id: POINTER, parameters: { pointerType: POINTER },
  actions: [
    { type: "pointerMove", x: Math.round(x), y: Math.round(y), origin: "viewport" },
    { type: "pointerDown", button: 0 }, { type: "pointerUp", button: 0 },
  ],
}];
