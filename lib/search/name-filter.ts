import { foldText } from './fold-text'

/** The test of a filter for names: whether a name contains the text, without case and accents. Without a text, all do. */
export function nameFilter(text: string): (name: string) => boolean {
  const needle = foldText(text)
  return needle === '' ? () => true : (name) => foldText(name).includes(needle)
}
