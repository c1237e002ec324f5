import { readFileSync } from 'node:fs'

/** Code blocks of docs/operations.md, which tests run as they are written there. */

/**
 * Returns a code block of the page.
 *
 * @param heading of its section, without the #
 * @param beginning of the block's first line
 * @throws when the page has no such block
 */
export function readRecipe(heading: string, beginning: string): string {
  const page = readFileSync('docs/operations.md', 'utf8')
  const [, section] = page.split(new RegExp(`^#+ ${heading}$`, 'm'))
  if (section === undefined) throw new Error(`docs/operations.md has no section ${heading}.`)
  const [sectionBody = ''] = section.split(/^## /m)
  const blocks = [...sectionBody.matchAll(/^ *```\w+\n([\s\S]*?)^ *```$/gm)].map(([, block = '']) => block)
  const found = blocks.find((block) => block.trimStart().startsWith(beginning))
  if (found === undefined) throw new Error(`The section ${heading} has no block that begins with ${beginning}.`)
  return found
}

/** Replaces placeholders in a text. @throws when the text lacks one of them */
export function fillIn(text: string, values: Readonly<Record<string, string>>): string {
  return Object.entries(values).reduce((result, [word, value]) => {
    if (!result.includes(word)) throw new Error(`There is no ${word} in:\n${text}`)
    return result.replaceAll(word, value)
  }, text)
}
