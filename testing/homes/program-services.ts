import { readConfig } from '@/server/config/config'
import { createServices } from '@/server/program/create-services'

/** The services of a program that a test starts as a separate process, on the home that its environment names. */
export const services = createServices(readConfig())
