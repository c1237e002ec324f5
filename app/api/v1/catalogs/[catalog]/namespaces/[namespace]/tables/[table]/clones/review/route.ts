import { reviewClone } from '@/lib/contract/table/clones'
import { bindEndpoints } from '@/server/program/bind'

export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = bindEndpoints(reviewClone)
