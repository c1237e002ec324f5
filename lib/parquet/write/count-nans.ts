import type { Values } from '../values'
import type { ValueRange } from './encode-values'

/** How many of some values are NaN; zero for types that have none. */
export function countNans(values: Values, { start, end }: ValueRange): number {
  if (values.kind === 'indexed') {
    const { indexes, dictionary } = values
    if (!isFloating(dictionary) || !dictionary.data.some(Number.isNaN)) return 0
    let count = 0
    for (let i = start; i < end; i++) count += Number(Number.isNaN(dictionary.data[indexes[i] ?? 0]))
    return count
  }
  if (!isFloating(values)) return 0
  const { data } = values
  let count = 0
  for (let i = start; i < end; i++) {
    const value = data[i]
    // NaN alone differs from itself.
    if (value !== value) count++
  }
  return count
}

type Floating = Extract<Values, { kind: 'numbers' }> & { data: Float32Array | Float64Array }

function isFloating(values: Values): values is Floating {
  return values.kind === 'numbers' && !(values.data instanceof Int32Array)
}
