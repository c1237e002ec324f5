import { startCompressionTrial } from '@/lib/contract/table/compression'
import { bindEndpoints } from '@/server/program/bind'

export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = bindEndpoints(startCompressionTrial)
