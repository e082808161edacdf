import { currentSession } from './current-session'

export default async function Page() {
  const { userId } = await currentSession()
  return <p>{userId ?? 'nobody'}</p>
}
