// Tokens are stored sealed: AES-256-GCM with a key that only the environment knows.
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'

const VERSION = 'v1'

/** Reads the key, 32 bytes in base64, from TOKEN_KEY. Throws when it is absent or no such key. */
export function keyOf(environment) {
  const key = Buffer.from(environment.TOKEN_KEY ?? '', 'base64')
  if (key.length !== 32) {
    throw new Error('TOKEN_KEY is no key of 32 bytes in base64, as `openssl rand -base64 32` makes one')
  }
  return key
}

/** Seals a text for one owner: "v1.nonce.tag.cipher", each in base64url. Only the same owner's `open` accepts it. */
export function seal(text, key, owner) {
  const nonce = randomBytes(12)
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(owner))
  const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()])
  return [VERSION, ...[nonce, cipher.getAuthTag(), sealed].map((part) => part.toString('base64url'))].join('.')
}

/** The text that was sealed. Throws for another key, another owner, or a sealed text that somebody changed. */
export function open(sealed, key, owner) {
  const [version, ...parts] = sealed.split('.')
  if (version !== VERSION || parts.length !== 3) throw new Error('this is no sealed token')
  const [nonce, tag, text] = parts.map((part) => Buffer.from(part, 'base64url'))
  const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: 16 }).setAAD(Buffer.from(owner))
  decipher.setAuthTag(tag)
  return Buffer.concat([decipher.update(text), decipher.final()]).toString('utf8')
}
