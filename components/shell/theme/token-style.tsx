import { DARK_TOKENS, LIGHT_TOKENS } from './colour-tokens'
import { FONT_FAMILY, MONOSPACE_FONT_FAMILY } from './fonts'

const STYLE = [
  toRule(':root', { '--mantine-font-family': FONT_FAMILY, '--mantine-font-family-monospace': MONOSPACE_FONT_FAMILY }),
  toRule(':root', LIGHT_TOKENS),
  // Paper is light.
  `@media screen{${toRule(':root[data-mantine-color-scheme="dark"]', DARK_TOKENS)}}`,
].join('')

/** The colours and fonts of every page, also of those without Mantine's provider. */
export function TokenStyle({ nonce }: { nonce: string }) {
  return <style nonce={nonce} suppressHydrationWarning dangerouslySetInnerHTML={{ __html: STYLE }} />
}

function toRule(selector: string, variables: Readonly<Record<string, string>>): string {
  const lines = Object.entries(variables).map(([name, value]) => `${name}:${value};`)
  return `${selector}{${lines.join('')}}`
}
