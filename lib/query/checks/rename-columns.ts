import { quoteIdentifier } from '@/lib/sql/quote-identifier'
import { isSymbol, tokenize, tokenKeyword, tokenName } from '@/lib/query/statement/tokenize'

const BEFORE_TABLES: ReadonlySet<string> = new Set(['FROM', 'JOIN'])

/**
 * The text with other names of columns, quoted. Every such name is replaced that is neither a function nor a table, so a user
 * has to look at the result.
 *
 * @param renamed new names by the current ones
 * @throws {AppError} query-failed for a text with too many tokens
 */
export function renameColumns(sql: string, renamed: ReadonlyMap<string, string>): string {
  const newNames = new Map([...renamed].map(([column, name]) => [column.toLowerCase(), name]))
  const tokens = tokenize(sql)
  let text = ''
  let end = 0
  for (const [i, token] of tokens.entries()) {
    const newName = newNames.get(tokenName(token)?.toLowerCase() ?? '')
    const isTable = BEFORE_TABLES.has(tokenKeyword(tokens[i - 1]) ?? '')
    if (newName === undefined || isTable || isSymbol(tokens[i + 1], '(')) continue
    text += sql.slice(end, token.start) + quoteIdentifier(newName)
    end = token.end
  }
  return text + sql.slice(end)
}
