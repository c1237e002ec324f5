import { getMetadataTable } from '@/lib/contract/table/metadata-tables'
import { bindEndpoints } from '@/server/program/bind'

export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = bindEndpoints(getMetadataTable)
