import type { Fault } from './fault.ts'

/** A fault with the number that switches it on. */
export type NumberedFault = Fault & { number: number }

/**
 * The source with every fault compiled in, each only in effect while `isSeeded` says so of its number.
 *
 * @param switchFile the path of the module with `isSeeded`, from the folder of the source
 */
export function switchableSource(text: string, faults: readonly NumberedFault[], switchFile: string): string {
  const insertions = faults.flatMap(({ number, form, start, end, replacement }) => {
    const isSeeded = `isSeeded(${number})`
    const [before, after] =
      form === 'statement'
        ? [`if (!${isSeeded}) `, '']
        : form === 'element'
          ? [`...(${isSeeded} ? [] : [`, '])']
          : [`(${isSeeded} ? (${replacement}) : (`, '))']
    return [
      { at: start, isBefore: true, size: end - start, number, text: before },
      { at: end, isBefore: false, size: end - start, number, text: after },
    ]
  })
  // At one offset, an end comes before a start, and the outer range starts first and ends last.
  insertions.sort(
    (one, other) =>
      one.at - other.at ||
      Number(one.isBefore) - Number(other.isBefore) ||
      (one.isBefore
        ? other.size - one.size || one.number - other.number
        : one.size - other.size || other.number - one.number),
  )
  let [result, position] = ['', 0]
  for (const { at, text: inserted } of insertions) {
    result += text.slice(position, at) + inserted
    position = at
  }
  return `import { isSeeded } from '${switchFile}'; ${result}${text.slice(position)}`
}
