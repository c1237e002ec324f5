import { type AddressChecks, quoteAddress } from '@/components/ui/notes/address-problems'
import { parseLinkedDisplay } from '@/lib/client/query/query-display'
import { parseLinkedParameters } from '@/lib/client/query/query-parameters'
import { parseLinkedAsOf } from './linked-as-of'

/** Why Query ignores values of a link; see `use-query-link`. */
export const LINK_ADDRESS_CHECKS: AddressChecks = {
  parameters: (value) =>
    parseLinkedParameters(value) === null
      ? `${quoteAddress('parameters', value)} is not a list of values, so the link brings none.`
      : null,
  display: (value) =>
    parseLinkedDisplay(value) === null
      ? `${quoteAddress('display', value)} is neither a view nor a chart, so the link brings none.`
      : null,
  asOf: (value) =>
    parseLinkedAsOf(value) === null
      ? `${quoteAddress('asOf', value)} is neither a branch, a tag nor a time, so the link brings none.`
      : null,
}
