'use client'
import { parseAsBoolean, parseAsStringLiteral, useQueryStates } from 'nuqs'
import { type AddressChecks, checkChoice, checkSwitch } from '@/components/ui/notes/address-problems'

const VIEWS = ['columns', 'history'] as const

export const SCHEMA_VIEW_CHECKS: AddressChecks = {
  ...checkChoice('view', VIEWS, 'The columns are shown.'),
  ...checkSwitch('fold', 'Nothing is folded.'),
}

const VIEW_PARSERS = {
  view: parseAsStringLiteral(VIEWS).withDefault('columns'),
  fold: parseAsBoolean.withDefault(false),
}

/** Whether the tab shows the columns or the former schemas, and whether unchanged columns are folded. */
export function useSchemaView() {
  return useQueryStates(VIEW_PARSERS)
}
