import { FileList } from '@/components/files/file-list'

export default function FilesPage() {
  return <FileList />
}
