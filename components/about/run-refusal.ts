import { AppError } from '@/lib/errors'
import type { Run } from '@/lib/contract/jobs'

/** The words of a page where the command line names an option. */
type PageWords = { title: string; next: string }

/** By the fact `option` of the error: the controls of the form of a load that do the same. */
const WORDS: Readonly<Record<string, PageWords>> = {
  '--load-again': {
    title: 'These bytes were loaded before',
    next: 'If the rows are meant to be there twice, choose Change and load again, then Load again all the same.',
  },
  '--ignore-extra': {
    title: 'Fields of the input have no column',
    next: 'Choose Change and load again, and give each of these fields a column or leave it out.',
  },
  '--allow-null-columns': {
    title: 'Columns would be null in every row',
    next: 'Choose Change and load again, and give the columns a field, or choose Load null into every row.',
  },
  '--allow-ambiguous-numbers': {
    title: 'Numbers of the input can be read in two ways',
    next: 'Choose Change and load again, and say how its numbers are written.',
  },
}

const USER_REFUSED: PageWords = {
  title: 'The user of the run does not have the permission',
  next: 'An admin can change that. Then start the run again.',
}

/** The error of a run, without the options of the command line, and what the page says in their place. */
export function toRunRefusal(error: NonNullable<Run['error']>): { error: AppError } & Partial<PageWords> {
  const { code, detail, facts } = error
  const { option, policy, location } = facts
  const words = typeof option === 'string' ? WORDS[option] : undefined
  if (words === undefined) {
    // A policy refuses every user, and a storage the server.
    const isOfUser = code === 'forbidden' && policy === undefined && location === undefined
    return { error: new AppError(code, detail, { facts: { ...facts } }), ...(isOfUser && USER_REFUSED) }
  }
  const { title, next } =
    facts['earlierRunId'] === null ? { ...words, title: 'The load has the same bytes twice' } : words
  return { error: new AppError(code, withoutOption(detail, String(option)), { facts: { ...facts } }), title, next }
}

/** The option is in parentheses, in the middle of a sentence, or at the end of the last one, which is advice. */
function withoutOption(detail: string, option: string): string {
  const start = detail.indexOf(` (${option}`)
  const end = detail.indexOf(')', start)
  if (start < 0 || end < 0) return detail
  const rest = detail.slice(end + 1)
  const sentence = detail.lastIndexOf('. ', start)
  return rest === '.' && sentence >= 0 ? detail.slice(0, sentence + 1) : detail.slice(0, start) + rest
}
