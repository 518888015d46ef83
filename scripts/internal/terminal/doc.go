// Package terminal writes for a person: as wide as the terminal is, in colour
// where it has colours, and never in the words of somebody else.
//
// File names, policies and messages of AWS come from others. An escape sequence
// in one of them could clear a line of the report or write another verdict over
// it. Therefore text and style are given apart, and every text goes through
// Tame.
package terminal
