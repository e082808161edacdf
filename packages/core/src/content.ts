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
  if (schema === undefined) return decode(json)
  let messages = NONE
  try {
    const stored = decode(json)
    messages = stored.messages
    return { data: await validate(schema, stored.data), messages }
  } catch (error) {
    if (onInvalidData === 'reject' || !isInvalid(error)) throw error
    return { data: await defaults(schema), messages }
  }
}

/** The text to store, of data that validates. */
export async function writeContent({ options }: Engine, content: Content): Promise<string> {
  if (content.data.has(MESSAGES)) {
    throw new SessionError('ERR_DATA_INVALID', `session.data must not have the key "${MESSAGES}"`, {
      path: [MESSAGES],
    })
  }
  const { schema, maxDataSize } = options
  const data = schema === undefined ? content.data : await validate(schema, content.data)
  const json = encode({ ...content, data })
  if (json.length <= maxDataSize) return json
  throw new SessionError(
    'ERR_DATA_INVALID',
    `The session data is too large: ${json.length} characters of JSON, at most ${maxDataSize}`,
  )
}

/** The data alone, as one JSON text. */
export async function readData(engine: Engine, json: string): Promise<string> {
  // Most records have no messages, and most requests do not look at the data.
  if (engine.options.schema === undefined && !json.includes(MESSAGES)) return json
  const { data } = await readContent(engine, json)
  return joinTexts(data)
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

/** No data at all is valid, whatever the schema requires: a login or a message may come first. */
async function validate(schema: StandardSchemaV1, data: DataTexts): Promise<DataTexts> {
  return data.size === 0 ? defaults(schema) : parse(schema, data)
}

async function parse(schema: StandardSchemaV1, data: DataTexts): Promise<DataTexts> {
  const result = await schema['~standard'].validate(parseData(joinTexts(data)))
  if (result.issues === undefined) return textsOf(result.value as Data)
  const path = (result.issues[0]?.path ?? []).map(keyOf)
  throw new SessionError(
    'ERR_DATA_INVALID',
    `The session data does not match the schema at "${path.map(String).join('.')}"`,
    { path },
  )
}

async function defaults(schema: StandardSchemaV1): Promise<DataTexts> {
  try {
    return await parse(schema, NONE)
  } catch (error) {
    if (isInvalid(error)) return NONE
    throw error
  }
}

function isInvalid(error: unknown): boolean {
  return error instanceof SessionError && error.code === 'ERR_DATA_INVALID'
}

function keyOf(segment: PropertyKey | StandardSchemaV1.PathSegment): PropertyKey {
  return typeof segment === 'object' ? segment.key : segment
}
