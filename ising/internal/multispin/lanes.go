package multispin

import "math/bits"

// Words is the number of 64-bit words that hold one bit for every chain.
const Words = 8

// Lanes holds one bit for every chain of a block: chain c is bit c%64 of word c/64.
type Lanes = [Words]uint64

// A State is that of eight generators xoshiro256++ side by side, one for each word of Lanes: word l of State[0..3] is the
// state of generator l.
type State = [4]Lanes

// Xoshiro is the state of one generator xoshiro256++ (Blackman and Vigna, ACM Trans. Math. Softw. 47, 36 (2021)), held in
// registers while one word's decisions are made.
type Xoshiro struct{ A, B, C, D uint64 }

// Generator returns generator l.
func Generator(s *State, l int) Xoshiro { return Xoshiro{s[0][l], s[1][l], s[2][l], s[3][l]} }

// Restore sets generator l.
func Restore(s *State, l int, x Xoshiro) { s[0][l], s[1][l], s[2][l], s[3][l] = x.A, x.B, x.C, x.D }

// Next returns the generator's next 64 bits and its next state.
func (x Xoshiro) Next() (uint64, Xoshiro) {
	u := bits.RotateLeft64(x.A+x.D, 23) + x.A
	c, d := x.C^x.A, x.D^x.B
	return u, Xoshiro{x.A ^ d, x.B ^ c, c ^ x.B<<17, bits.RotateLeft64(d, 45)}
}

// Skip returns the state after n draws that nobody looks at.
func (x Xoshiro) Skip(n int) Xoshiro {
	for range n {
		_, x = x.Next()
	}
	return x
}
