/** Returns the element of the page with this id. */
export const part = <T extends HTMLElement>(id: string, type: new () => T): T => {
  const element = document.querySelector(`#${id}`);
  if (element instanceof type) return element;
  throw new Error(`The page has no #${id}`);
};

/** Creates an element. Strings of the timeline are only ever set as text. */
export const make = <Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  className: string,
  text = '',
): HTMLElementTagNameMap[Tag] => {
  const element = document.createElement(tag);
  if (className !== '') element.className = className;
  if (text !== '') element.textContent = text;
  return element;
};

/** Returns a function that schedules `run` for the next frame, once however often it is called. */
export const onceAFrame = (run: () => void): (() => void) => {
  let isScheduled = false;
  return () => {
    if (isScheduled) return;
    isScheduled = true;
    requestAnimationFrame(() => {
      isScheduled = false;
      run();
    });
  };
};
