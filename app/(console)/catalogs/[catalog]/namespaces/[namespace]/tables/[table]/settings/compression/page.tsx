import { CompressionStudio } from '@/components/table/compression/studio/compression-studio'
import { tabMetadata } from '@/app/page-titles'

export const generateMetadata = tabMetadata('settings')

export default function CompressionStudioPage() {
  return <CompressionStudio />
}
