'use client'
import { type AddressChecks, AddressProblems, quoteAddress } from '@/components/ui/notes/address-problems'
import { indexFields } from '@/lib/iceberg/schema/schema'
import type { Schema } from '@/lib/iceberg/schema/types'

/** Says that the address selects a column that the shown schema does not have. */
export function SchemaAddressProblems({ schema }: { schema: Schema }) {
  const fields = indexFields(schema)
  const checks: AddressChecks = {
    column: (value) =>
      /^\d+$/.test(value) && fields.has(Number(value))
        ? null
        : `The shown schema has no column with the id ${quoteAddress('column', value)}.`,
  }
  return <AddressProblems checks={checks} />
}
