import { formatCount } from '@/lib/format/count'
import type { EffectFigures } from './intent-description'

/** The subject of a sentence about files that a change leaves as they are, with their number where it is known. */
export function existingFiles({ dataFileCount }: EffectFigures, noun: 'files' | 'data files' = 'files'): string {
  return dataFileCount === null ? `Existing ${noun}` : `Existing ${noun} (${formatCount(dataFileCount)} on main)`
}
