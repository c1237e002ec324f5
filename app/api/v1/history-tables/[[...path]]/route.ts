import { bindAddresses } from '@/server/program/bind'

export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = bindAddresses('/api/v1/history-tables')
