import { prove } from './proofs.ts'

prove(1)
