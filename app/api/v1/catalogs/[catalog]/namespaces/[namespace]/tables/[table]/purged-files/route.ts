import { listPurgedFiles } from '@/lib/contract/lifecycle/tables'
import { bindEndpoints } from '@/server/program/bind'

export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = bindEndpoints(listPurgedFiles)
