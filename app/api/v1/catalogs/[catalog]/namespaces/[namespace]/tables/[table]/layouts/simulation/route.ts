import { simulateLayouts } from '@/lib/contract/table/layout'
import { bindEndpoints } from '@/server/program/bind'

export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = bindEndpoints(simulateLayouts)
