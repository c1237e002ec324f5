import { quoteString } from '@/lib/sql/quote-identifier'
import { isSymbol, type Token, tokenKeyword } from '@/lib/query/statement/tokenize'
import { INSTANT_PARTS } from './calendar-macros'
import { ZONE_SCHEMA } from './macro'

type Call = { before: string; after: string }

/**
 * A call of a macro. DuckDB does not know the type of an aggregate when it chooses among macros of one name, but knows
 * that of a list's elements.
 */
export function callOf(name: string, isAggregated: boolean, firstArgument = ''): Call {
  if (!isAggregated) return { before: `${ZONE_SCHEMA}.${name}(${firstArgument}`, after: ')' }
  const call = `${ZONE_SCHEMA}.${name}(${firstArgument}lakeshore_value)`
  return { before: 'list_transform([', after: `], lambda lakeshore_value: ${call})[1]` }
}

export function partCall(part: string, isAggregated: boolean): Call {
  return INSTANT_PARTS.has(part)
    ? callOf(`part_${part}`, isAggregated)
    : callOf('date_part', isAggregated, `${quoteString(part)}, `)
}

/** Whether tokens call an aggregate or a window function, or have a subquery. */
export function hasAggregate(tokens: readonly Token[], from: number, to: number): boolean {
  return tokens.slice(from, to).some((token, i) => {
    const word = tokenKeyword(token)
    return (
      word === 'OVER' ||
      word === 'SELECT' ||
      (word !== null && AGGREGATES.has(word) && isSymbol(tokens[from + i + 1], '('))
    )
  })
}

const AGGREGATES = new Set(
  (
    'ANY_VALUE APPROX_COUNT_DISTINCT APPROX_QUANTILE ARBITRARY ARG_MAX ARG_MIN ARGMAX ARGMIN ARRAY_AGG AVG BIT_AND ' +
    'BIT_OR BIT_XOR BOOL_AND BOOL_OR CORR COUNT COUNT_IF COUNTIF COUNT_STAR COVAR_POP COVAR_SAMP ENTROPY FAVG FIRST ' +
    'FSUM GEOMEAN GEOMETRIC_MEAN GROUPING GROUP_CONCAT HISTOGRAM KURTOSIS KURTOSIS_POP LAST LIST LISTAGG MAD MAX ' +
    'MAX_BY MEAN MEDIAN MIN MIN_BY MODE PERCENTILE_CONT PERCENTILE_DISC PRODUCT QUANTILE QUANTILE_CONT QUANTILE_DISC ' +
    'REGR_AVGX REGR_AVGY REGR_COUNT REGR_INTERCEPT REGR_R2 REGR_SLOPE REGR_SXX REGR_SXY REGR_SYY RESERVOIR_QUANTILE ' +
    'SKEWNESS STDDEV STDDEV_POP STDDEV_SAMP STRING_AGG SUM SUMKAHAN SUM_NO_OVERFLOW VARIANCE VAR_POP VAR_SAMP'
  ).split(' '),
)

/** The name of a column as the user wrote it: DuckDB names it after the SQL that ran. */
export function withoutMacros(name: string): string {
  const cast = /\blakeshore_zone\.(try_)?cast_(\w+)\(((?:[^()]|\([^()]*\))*)\)/gi
  return name
    .replace(
      cast,
      (_, attempt: string | undefined, type: string, value: string) =>
        `${attempt ? 'TRY_CAST' : 'CAST'}(${value} AS ${type.toUpperCase()})`,
    )
    .replaceAll(/\blakeshore_zone\.(?:text|frame_order|without_zone)\(((?:[^()]|\([^()]*\))*)\)/gi, '$1')
    .replaceAll(/\blakeshore_zone\.part_(\w+)\(/gi, "date_part('$1', ")
    .replaceAll(/\blakeshore_zone\./gi, '')
}
