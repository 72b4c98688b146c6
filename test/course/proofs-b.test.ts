import { prove } from './proofs.ts'

prove([4, 5, 6])
