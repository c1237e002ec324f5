import { previewRollback, rollBack } from '@/lib/contract/snapshots'
import { bindEndpoints } from '@/server/program/bind'

export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = bindEndpoints(previewRollback, rollBack)
