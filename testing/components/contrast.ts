/** Tokens for text, and tokens for its background: each pair has to be readable. */
export const TEXT_TOKENS = [
  '--text',
  '--text2',
  '--text3',
  '--accent',
  '--added',
  '--removed',
  '--warn',
  '--past',
] as const
export const GROUND_TOKENS = [
  '--bg',
  '--surface',
  '--sunken',
  '--raised',
  '--hover',
  '--sel',
  '--track',
  '--accent-bg',
  '--added-bg',
  '--removed-bg',
  '--warn-bg',
  '--past-bg',
] as const

/** Contrast of two colours `#RRGGBB`, 1 to 21. WCAG 2.2, *contrast ratio* and *relative luminance*. */
export function contrastRatio(one: string, other: string): number {
  const [light = 0, dark = 0] = [relativeLuminance(one), relativeLuminance(other)].sort((a, b) => b - a)
  return (light + 0.05) / (dark + 0.05)
}

function relativeLuminance(colour: string): number {
  if (!/^#[0-9A-F]{6}$/i.test(colour)) throw new Error(`${colour} is not a colour`)
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const share = Number.parseInt(colour.slice(at, at + 2), 16) / 255
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}
