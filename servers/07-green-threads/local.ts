/**
 * Where does a greenlet keep variables that belong to it alone, so that each function it calls
 * finds them? In a `local`.
 */
import { hub } from './hub.ts'

/**
 * An object whose attributes each greenlet has for itself: what one greenlet sets, no other sees.
 * The attributes live as long as their greenlet. The hub has its own as well. Modelled on
 * gevent.local.local.
 *
 * Where it differs: an attribute that is not set is undefined, as always in JavaScript; and `init`
 * takes the place of the `__init__` of a subclass.
 *
 * @param init makes the attributes that a greenlet has when it first uses the object
 */
export function local<Attributes extends object>(
  init: () => Partial<Attributes> = () => ({}),
): Partial<Attributes> {
  const spaces = new WeakMap<object, object>()

  function mine(): object {
    const owner = hub.current ?? hub
    const space = spaces.get(owner) ?? init()
    spaces.set(owner, space)
    return space
  }

  return new Proxy<Partial<Attributes>>(
    {},
    {
      get: (_, name) => Reflect.get(mine(), name),
      set: (_, name, value) => Reflect.set(mine(), name, value),
      has: (_, name) => Reflect.has(mine(), name),
      deleteProperty: (_, name) => Reflect.deleteProperty(mine(), name),
      defineProperty: (_, name, descriptor) => Reflect.defineProperty(mine(), name, descriptor),
      getOwnPropertyDescriptor: (_, name) => Reflect.getOwnPropertyDescriptor(mine(), name),
      ownKeys: () => Reflect.ownKeys(mine()),
    },
  )
}
