import { CompressionStudio } from '@/components/table/compression/studio/compression-studio'
import { tabMetadata } from '@/lib/paths/paths'

export const generateMetadata = tabMetadata('settings')

export default function CompressionStudioPage() {
  return <CompressionStudio />
}
