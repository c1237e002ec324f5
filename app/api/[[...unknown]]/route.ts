import { unknownAddress } from '@/server/http/wrong-method'

export const { GET, POST, PUT, PATCH, DELETE, OPTIONS } = unknownAddress
