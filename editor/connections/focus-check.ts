/** A button of the check goes away once it is pressed, for the check begins anew; the focus stays at the check. */
export const focusCheck = (button: Element): void => { button.closest('section')?.focus() }
