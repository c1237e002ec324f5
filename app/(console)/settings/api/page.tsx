import type { Metadata } from 'next'
import { ApiReferencePage } from '@/components/admin/api-reference/api-reference-page'
import { toApiReference } from '@/lib/contract/description/api-reference'
import { ENDPOINTS } from '@/lib/contract/endpoints'

export const metadata: Metadata = { title: 'API reference' }

/** The contract is read on the server, so that the browser does not load its shapes. */
const REFERENCE = toApiReference(ENDPOINTS)

export default function ApiPage() {
  return <ApiReferencePage reference={REFERENCE} />
}
