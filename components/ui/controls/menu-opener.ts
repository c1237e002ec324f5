let opener: HTMLElement | null = null

/** Notes the button of a menu that is opened or closed. */
export function noteMenuOpener(button: HTMLElement): void {
  opener = button
}

/** The button of the latest menu: the opener of a panel whose code was loaded from the menu. */
export function latestMenuOpener(): HTMLElement | null {
  return opener
}
