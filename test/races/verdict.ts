import { endedBy, type Outcome } from './race.ts'
import { cookieOf } from './world.ts'

type Judge = (outcome: Outcome) => string[] | Promise<string[]>

/** Everything that went wrong in a race, in words; none if nothing did. */
export async function verdict(outcome: Outcome): Promise<string[]> {
  const judges: Judge[] = [
    ({ monitor }) => monitor.violations,
    endedStaysEnded,
    leaversLiveOrDie,
    innocentLives,
    loginsLiveOrDie,
    noInnocentErrors,
    oneWinner,
    noUninvitedCookie,
    limitHolds,
    savedIsKept,
  ]
  return (await Promise.all(judges.map(async (judge) => judge(outcome)))).flat()
}

/** The contenders that would end the session of a browser. */
function endersOf({ contenders }: Outcome, browser: 'a' | 'b'): number[] {
  return contenders.flatMap(({ operation, target }, actor) => {
    const { ends, limits } = operation
    const hit =
      ends === 'user' ||
      ends === 'everyone' ||
      ends === 'tagged' ||
      limits === true ||
      (ends === 'target' && target === browser) ||
      (ends === 'others' && target !== browser)
    return hit ? [actor] : []
  })
}

/** G1, G3: what resolved as ended is over. */
function endedStaysEnded({ contenders, answers, world, monitor }: Outcome): string[] {
  return contenders.flatMap((contender, actor) => {
    if (answers[actor]?.error !== undefined) return []
    return endedBy(contender, contenders).flatMap((who) => {
      const { id, cookie } = world[who]
      const lives = monitor.cookieLives(cookie) || monitor.sessionLives(id)
      return lives ? [`${contender.operation.name} resolved, and the session of ${who} lives`] : []
    })
  })
}

/** Who leaves a tag that is being revoked either was out of it in time, or is told and ends. */
function leaversLiveOrDie({ contenders, answers, world, monitor }: Outcome): string[] {
  const revoked = contenders.some(({ operation }) => operation.ends === 'tagged')
  const others = contenders.filter(({ operation }) => operation.ends !== 'tagged')
  const [leaver] = others
  if (!revoked || others.length !== 1 || !leaver?.operation.leaves) return []
  const left = answers[contenders.indexOf(leaver)]?.error === undefined
  if (monitor.sessionLives(world[leaver.target].id) === left) return []
  return [left ? 'a session left the tag, and is dead' : 'a session escaped by leaving the tag']
}

/** A session that nobody ends lives, the kept one of a revocation among them. */
function innocentLives(outcome: Outcome): string[] {
  const { contenders, answers, world, monitor } = outcome
  const wrong: string[] = []
  const everyone = contenders.some(({ operation }) => operation.ends === 'everyone')
  if (!everyone && !monitor.cookieLives(world.stranger.cookie))
    wrong.push('the stranger is signed out')
  for (const browser of ['a', 'b'] as const) {
    if (endersOf(outcome, browser).length > 0) continue
    if (!monitor.sessionLives(world[browser].id)) wrong.push(`the session of ${browser} is gone`)
  }
  const survivors = contenders.flatMap(({ operation, target }, actor) =>
    operation.name === 'revokeOthers' ? [{ target, won: answers[actor]?.error === undefined }] : [],
  )
  const rivals = new Set(survivors.map(({ target }) => target)).size === 2
  if (rivals && survivors.length === contenders.length) {
    const winners = new Set(survivors.filter(({ won }) => won).map(({ target }) => target))
    if (winners.size !== 1 || monitor.living !== 1)
      wrong.push('two revokeOthers have no one survivor')
  }
  return wrong
}

/** A login lives if it adopted its epochs after every revocation, and not if one came later. */
function loginsLiveOrDie(outcome: Outcome): string[] {
  const { contenders, answers, steps, monitor } = outcome
  if (contenders.some(({ operation }) => operation.limits)) return []
  const revocations = steps.flatMap(({ actor, written }, at) =>
    written && contenders[actor]?.operation.ends !== 'tagged' ? [at] : [],
  )
  return contenders.flatMap(({ operation: { name, logsIn } }, actor) => {
    const answer = answers[actor]
    if (!logsIn || answer === undefined) return []
    const { adopted, last } = spanOf(outcome, actor)
    const later = revocations.filter((at) => at > adopted)
    const lives = monitor.cookieLives(cookieOf(answer))
    if (later.length === 0) return lives ? [] : [`${name} came after every revocation, and is dead`]
    if (lives) return [`${name} escaped a revocation`]
    const told = answer.error !== undefined || later.every((at) => at > last)
    return told ? [] : [`${name} resolved, though a revocation had overtaken it`]
  })
}

/** From the step in which a login read the epochs that it adopted to its last. */
function spanOf({ contenders, steps }: Outcome, actor: number): { adopted: number; last: number } {
  // What a read has found is as old as the read, whenever it arrives.
  const mine = steps.flatMap((step, at) =>
    step.actor === actor && step.operation !== 'answer' ? [{ ...step, at }] : [],
  )
  const write = mine.findLastIndex(
    ({ operation }) => operation === 'insert' || operation === 'update',
  )
  const reads = mine
    .slice(0, write === -1 ? undefined : write)
    .filter(({ operation }) => operation === 'read')
  const fenced = contenders[actor]?.operation.name.includes('fence')
  const adopted = fenced ? reads[0] : reads.at(-1)
  return { adopted: adopted?.at ?? 0, last: mine.at(-1)?.at ?? 0 }
}

/** Whoever loses is told so with the right code, and only if somebody else won. */
function noInnocentErrors(outcome: Outcome): string[] {
  const { contenders, answers } = outcome
  return contenders.flatMap(({ operation, target }, actor) => {
    const error = answers[actor]?.error
    if (error === undefined) return []
    const others = (index: number): boolean => index !== actor
    const ended = endersOf(outcome, target).some(others)
    const rotated = contenders.some(
      (of, index) => others(index) && of.operation.rotates && of.target === target,
    )
    const revoked = contenders.some(({ operation: { ends } }) =>
      ['user', 'others', 'everyone'].includes(ends),
    )
    const excused = operation.logsIn
      ? error === 'ERR_SESSION_REVOKED' && revoked
      : error === 'ERR_SESSION_ENDED' && (ended || rotated) && !mustResolve(operation.name)
    return excused ? [] : [`${operation.name} got ${error}`]
  })
}

const mustResolve = (name: string): boolean =>
  ['touch', 'end', 'destroy', 'revokeAll', 'revokeAll except', 'revoke everyone'].includes(name)

/** Of the rotations of one session, one wins. */
function oneWinner(outcome: Outcome): string[] {
  return (['a', 'b'] as const).flatMap((browser) => {
    if (endersOf(outcome, browser).length > 0) return []
    const rotations = outcome.contenders.flatMap(({ operation, target }, actor) =>
      operation.rotates && target === browser ? [outcome.answers[actor]] : [],
    )
    if (rotations.length < 2) return []
    // One that is loaded only after another has answered still has the old cookie, and loses too.
    const winners = rotations.filter((answer) => answer?.error === undefined)
    return winners.length === 1 ? [] : [`${winners.length} rotations of ${browser} won`]
  })
}

/** Nobody gets a cookie, or loses one, who did not ask for it: a late answer takes no newer away. */
function noUninvitedCookie({ contenders, answers }: Outcome): string[] {
  return contenders.flatMap(({ operation: { name, rotates, logsIn } }, actor) => {
    const asked = rotates === true || logsIn === true || name === 'end'
    return asked || answers[actor]?.queued === undefined ? [] : [`${name} sent a cookie`]
  })
}

/** The limit holds, and ends nobody that it need not end. */
function limitHolds({ contenders, monitor }: Outcome): string[] {
  const onlyLimited = contenders.every(
    ({ operation: { limits, logsIn, ends } }) => ends === 'nobody' && (limits || !logsIn),
  )
  const limited = contenders.some(({ operation }) => operation.limits)
  if (!limited || !onlyLimited || monitor.living === 2) return []
  return [`a limit of 2 left ${monitor.living} sessions`]
}

/** What was acknowledged as saved is there, as long as the session is. */
async function savedIsKept({ contenders, answers, world, monitor }: Outcome): Promise<string[]> {
  const wrong: string[] = []
  for (const [actor, { operation, target }] of contenders.entries()) {
    const saves = operation.name === 'save' || operation.name === 'update'
    const { id } = world[target]
    if (!saves || answers[actor]?.error !== undefined || !monitor.sessionLives(id)) continue
    const data = await monitor.dataOf(id)
    if (data[`key-${actor}`] === undefined) wrong.push(`what ${operation.name} saved is lost`)
  }
  return wrong
}
