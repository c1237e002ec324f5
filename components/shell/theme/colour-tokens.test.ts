import { describe, expect, it } from 'vitest'
import { contrastRatio, GROUND_TOKENS, TEXT_TOKENS } from '@/testing/components/contrast'
import { DARK_TOKENS, LIGHT_TOKENS } from './colour-tokens'

type Token = keyof typeof LIGHT_TOKENS

/** WCAG 2.2, 1.4.3 and 1.4.11. */
const MIN_TEXT_CONTRAST = 4.5
const MIN_GRAPHIC_CONTRAST = 3

const SERIES = ['--c0', '--c1', '--c2', '--c3', '--c4', '--c5', '--c6', '--ref'] as const

describe.each([
  ['light', LIGHT_TOKENS],
  ['dark', DARK_TOKENS],
])('In the %s scheme', (_, tokens: Record<Token, string>) => {
  const tooFaint = (pairs: readonly (readonly [Token, Token])[], minContrast: number) =>
    pairs
      .map(([front, ground]) => ({ front, ground, contrast: contrastRatio(tokens[front], tokens[ground]) }))
      .filter(({ contrast }) => contrast < minContrast)

  it('text of every colour is readable on every ground', () => {
    const pairs = TEXT_TOKENS.flatMap((text) => GROUND_TOKENS.map((ground) => [text, ground] as const))
    expect(pairs).toHaveLength(96)
    expect(tooFaint(pairs, MIN_TEXT_CONTRAST)).toEqual([])
  })

  it('text on a filled control is readable', () => {
    const pairs = [
      ['--on-accent', '--accent'],
      ['--on-accent', '--past'],
      ['--on-accent', '--removed'],
    ] as const
    expect(tooFaint(pairs, MIN_TEXT_CONTRAST)).toEqual([])
  })

  it('the ring of the focus is seen on every ground', () => {
    const pairs = GROUND_TOKENS.map((ground) => ['--accent', ground] as const)
    expect(tooFaint(pairs, MIN_GRAPHIC_CONTRAST)).toEqual([])
  })

  it('borders of controls, and bars and lines of charts, are seen on a surface', () => {
    const pairs = (['--control', ...SERIES] as const).flatMap((front) =>
      (['--surface', '--raised'] as const).map((ground) => [front, ground] as const),
    )
    expect(tooFaint(pairs, MIN_GRAPHIC_CONTRAST)).toEqual([])
  })
})

describe('The contrast of two colours', () => {
  it('is as in the definition: 21 for black on white, 1 for a colour on itself, and the same both ways', () => {
    expect(contrastRatio('#000000', '#FFFFFF')).toBe(21)
    expect(contrastRatio('#336699', '#336699')).toBe(1)
    expect(contrastRatio('#0B6477', '#EDF2F4')).toBe(contrastRatio('#EDF2F4', '#0B6477'))
    // Known values: #767676 is the lightest grey that is readable on white, #777777 is not.
    expect(contrastRatio('#767676', '#FFFFFF')).toBeCloseTo(4.54, 2)
    expect(contrastRatio('#777777', '#FFFFFF')).toBeCloseTo(4.48, 2)
  })

  it('is refused for what is not a plain colour', () => {
    expect(() => contrastRatio('rgba(0,0,0,.5)', '#FFFFFF')).toThrow('rgba(0,0,0,.5)')
  })
})
