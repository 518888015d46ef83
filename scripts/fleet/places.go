package main

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/keysmith/keysmith/scripts/local/stack"
	"github.com/keysmith/keysmith/shared/fakeaws"
	"github.com/keysmith/keysmith/shared/objectkey"
	"github.com/keysmith/keysmith/shared/target"
)

// regionNames are those that keys are spread over; the first is the stack's own.
var regionNames = []string{stack.Region, "eu-west-1", "ap-south-1", "sa-east-1", "eu-north-1", "us-west-2"}

// A key is one of the fleet.
type key struct{ account, region, id string }

func (k key) arn() string {
	return objectkey.ARN{Partition: "aws", Region: k.region, Account: k.account, KeyID: k.id}.String()
}

func (k key) object() string {
	own := target.Place{Partition: "aws", Account: stack.Account, Region: stack.Region}
	return target.Name(own, target.Place{Partition: "aws", Account: k.account, Region: k.region}, k.id)
}

func (s settings) places() int { return max(1, s.accounts*s.regions) }

// others are the accounts beside the stack's own.
func (s settings) others() []string {
	var list []string
	for i := 1; i < s.accounts; i++ {
		list = append(list, fmt.Sprintf("4444%08d", i))
	}
	return list
}

// key is the i-th of the fleet.
func (s settings) key(i int) key {
	place := i % s.places()
	accounts := append([]string{stack.Account}, s.others()...)
	return key{accounts[place/max(1, s.regions)], regionNames[place%max(1, s.regions)], fmt.Sprintf("%08x-0000-4000-8000-%012x", i, i)}
}

// inOrder is the order in which the keys are uploaded, by their numbers.
func (s settings) inOrder() ([]int, error) {
	list, objects := make([]int, s.keys), make([]string, s.keys)
	for i := range list {
		list[i], objects[i] = i, s.key(i).object()
	}
	slices.SortFunc(list, func(a, b int) int { return strings.Compare(objects[a], objects[b]) })
	switch s.order {
	case "sorted":
		return list, nil
	case "shuffled":
		rand.New(rand.NewPCG(1, 2)).Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] }) //nolint:gosec // no secret
		return list, nil
	case "push":
		return target.Spread(list, func(i int) string { return objects[i] }), nil
	}
	return nil, fmt.Errorf("-order is push, shuffled or sorted, not %q", s.order)
}

// deployRoles makes the role exist in each other account that puts policies there.
func (f *fleet) deployRoles() {
	for _, account := range f.set.others() {
		f.stack.Cloud.AddRole(fakeaws.Role{
			ARN:   "arn:aws:iam::" + account + ":role/" + target.DefaultRole,
			Trust: fmt.Sprintf(`{"Statement": [{"Effect": "Allow", "Principal": {"AWS": %q}, "Action": "sts:AssumeRole"}]}`, stack.Account),
		})
	}
}
