import type { StandardSchemaV1 } from '@standard-schema/spec'
import { joinTexts, parseData, textsOf, type Data, type DataTexts } from './data.ts'
import type { Engine } from './engine.ts'
import { SessionError } from './errors.ts'

/** What a record's `data` holds. */
export interface Content {
  /** What handlers see as `session.data`. */
  readonly data: DataTexts
  /** One-time messages, see `session.flash`. */
  readonly messages: DataTexts
}

/** The key of the messages among those of the data; no schema sees it. */
const MESSAGES = 'adjourn:flash'

const NONE: DataTexts = new Map()

/** What is stored, with data that does not validate handled as the app has chosen. */
export async function readContent({ options }: Engine, json: string): Promise<Content> {
  const { schema, onInvalidData } = options
  const stored = onInvalidData === 'reset' ? decodeLeniently(json) : decode(json)
  if (schema === undefined) return stored
  const judgement = await judge(schema, stored.data)
  if (judgement.kind === 'valid') return { ...stored, data: judgement.data }
  if (onInvalidData === 'reject') throw judgement.error
  return { ...stored, data: await defaults(schema) }
}

/** The text to store, of data that validates. */
export async function writeContent({ options }: Engine, content: Content): Promise<string> {
  if (content.data.has(MESSAGES)) {
    throw new SessionError('ERR_DATA_INVALID', `session.data must not have the key "${MESSAGES}"`, {
      path: [MESSAGES],
    })
  }
  const { schema, maxDataSize } = options
  const data = schema === undefined ? content.data : await validated(schema, content.data)
  const json = encode({ ...content, data })
  if (json.length <= maxDataSize) return json
  throw new SessionError(
    'ERR_DATA_INVALID',
    `The session data is too large: ${json.length} characters of JSON, at most ${maxDataSize}`,
  )
}

/** The data alone, as one JSON text. */
export function readData(engine: Engine, json: string): string | Promise<string> {
  // Most records have no messages, and most requests do not look at the data.
  if (engine.options.schema === undefined && !json.includes(MESSAGES)) return json
  return readContent(engine, json).then(({ data }) => joinTexts(data))
}

/** The same of a text that has just been written, and so validates. */
export function writtenData(json: string): string {
  return json.includes(MESSAGES) ? joinTexts(decode(json).data) : json
}

/** The messages alone. */
export function messagesIn(json: string | undefined): DataTexts {
  return json?.includes(MESSAGES) ? decode(json).messages : NONE
}

function decode(json: string): Content {
  const { [MESSAGES]: messages, ...data } = parseData(json)
  return {
    data: textsOf(data),
    messages: messages === undefined ? NONE : textsOf(Object(messages) as object),
  }
}

function encode({ data, messages }: Content): string {
  if (messages.size === 0) return joinTexts(data)
  return joinTexts(new Map([...data, [MESSAGES, joinTexts(messages)]]))
}

/** What is no content of ours holds nothing. */
function decodeLeniently(json: string): Content {
  try {
    return decode(json)
  } catch {
    return { data: NONE, messages: NONE }
  }
}

async function validated(schema: StandardSchemaV1, data: DataTexts): Promise<DataTexts> {
  const judgement = await judge(schema, data)
  if (judgement.kind === 'invalid') throw judgement.error
  return judgement.data
}

type Judgement =
  | { readonly kind: 'valid'; readonly data: DataTexts }
  | { readonly kind: 'invalid'; readonly error: SessionError }

/** No data at all is valid, whatever the schema requires: a login or a message may come first. */
async function judge(schema: StandardSchemaV1, data: DataTexts): Promise<Judgement> {
  return data.size === 0 ? { kind: 'valid', data: await defaults(schema) } : run(schema, data)
}

async function defaults(schema: StandardSchemaV1): Promise<DataTexts> {
  const judgement = await run(schema, NONE)
  return judgement.kind === 'valid' ? judgement.data : NONE
}

async function run(schema: StandardSchemaV1, data: DataTexts): Promise<Judgement> {
  let result: StandardSchemaV1.Result<unknown>
  try {
    result = await schema['~standard'].validate(parseData(joinTexts(data)))
  } catch (cause) {
    // No judgement of the data, which may be good: nothing is reset for it.
    throw new SessionError('ERR_DATA_INVALID', 'The schema failed to validate', { cause })
  }
  if (result.issues === undefined) {
    try {
      return { kind: 'valid', data: textsOf(result.value as Data) }
    } catch (error) {
      return { kind: 'invalid', error: error as SessionError }
    }
  }
  const path = (result.issues[0]?.path ?? []).map(keyOf)
  const message = `The session data does not match the schema at "${path.map(String).join('.')}"`
  return { kind: 'invalid', error: new SessionError('ERR_DATA_INVALID', message, { path }) }
}

function keyOf(segment: PropertyKey | StandardSchemaV1.PathSegment): PropertyKey {
  return typeof segment === 'object' ? segment.key : segment
}
