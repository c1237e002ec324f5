import { listPlannedFiles } from '@/lib/contract/table/scan'
import { bindEndpoints } from '@/server/program/bind'

export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = bindEndpoints(listPlannedFiles)
