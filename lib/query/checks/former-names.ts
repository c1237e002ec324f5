import { isSymbol, type Token, tokenKeyword, tokenName } from '@/lib/query/statement/tokenize'

const CLAUSE_KEYWORDS: ReadonlySet<string> = new Set(
  'SELECT FROM WHERE GROUP HAVING QUALIFY ORDER LIMIT UNION INTERSECT EXCEPT'.split(' '),
)
/** Clauses in which a name may be that of an output column. */
const OUTPUT_CLAUSES: ReadonlySet<string> = new Set(['GROUP', 'HAVING', 'QUALIFY', 'ORDER'])

/**
 * The names in a statement that may be those of columns which a table no longer has, in lower case. The statement may
 * have given such a name to an output column, with `AS`: then it is that column in the `ORDER BY` and the like of the
 * same query, and in the queries around it. All other uses of the name count.
 */
export function findFormerNames(tokens: readonly Token[]): Set<string> {
  const words = readWords(tokens)
  const outputDepths = new Map<string, number>()
  for (const { name, depth, isOutput } of words)
    if (isOutput) outputDepths.set(name, Math.max(depth, outputDepths.get(name) ?? 0))
  const isOutputColumn = ({ name, depth, clause, isOutput, isQualified }: Word): boolean => {
    const outputDepth = outputDepths.get(name)
    if (outputDepth === undefined) return false
    return isOutput || depth < outputDepth || (depth === outputDepth && OUTPUT_CLAUSES.has(clause) && !isQualified)
  }
  return new Set(words.filter((word) => !isOutputColumn(word)).map(({ name }) => name))
}

/** A name with the brackets around it, the clause of its query, and what is before it. */
type Word = { name: string; depth: number; clause: string; isOutput: boolean; isQualified: boolean }

function readWords(tokens: readonly Token[]): Word[] {
  const words: Word[] = []
  /** The clauses around a token, the innermost last. */
  const clauses = ['']
  for (const [at, token] of tokens.entries()) {
    const before = tokens[at - 1]
    const keyword = tokenKeyword(token)
    const name = tokenName(token)?.toLowerCase()
    if (isSymbol(token, '(')) clauses.push('')
    else if (isSymbol(token, ')') && clauses.length > 1) clauses.pop()
    else if (keyword !== null && CLAUSE_KEYWORDS.has(keyword)) clauses[clauses.length - 1] = keyword
    else if (name !== undefined)
      words.push({
        name,
        depth: clauses.length,
        clause: clauses.at(-1) ?? '',
        isOutput: tokenKeyword(before) === 'AS',
        isQualified: isSymbol(before, '.'),
      })
  }
  return words
}
